"""Restoration of damaged images: inpainting and denoising."""
