"""The pages of uploads: a file goes in, what is wrong with it or what it does comes back, and a word stores it."""
