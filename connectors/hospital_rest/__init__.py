"""Hospitals that give a document by its number over HTTPS, as KMEHR or as PDF."""
