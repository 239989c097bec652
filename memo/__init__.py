"""The decision memo: a whole comparison as one document that is read without Runoff."""
