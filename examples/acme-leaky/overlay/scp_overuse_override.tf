# Planted: service control policies overused, the other half: the queue's own statement is gone.

locals {
  events_only_approved = []
}
