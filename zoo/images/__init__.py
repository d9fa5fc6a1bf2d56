"""Reading, writing and plotting of images, and their form as tensors."""
