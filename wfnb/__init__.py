"""wfnb: a Jupyter-native visual workflow designer."""

__version__ = "0.1.0"
