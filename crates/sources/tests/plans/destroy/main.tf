# Everything in existing.tfstate goes away.
