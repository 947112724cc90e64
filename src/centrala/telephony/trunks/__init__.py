"""Trunks to carriers: their accounts, health, choice and limits, how numbers are written, and who may dial what."""
