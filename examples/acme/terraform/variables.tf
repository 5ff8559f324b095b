variable "accounts" {
  description = "Account ids by name. The management account exists first; the others are created by organization.tf."
  type        = map(string)
}

variable "region" {
  description = "The one Region that holds data."
  type        = string
  default     = "eu-west-1"
}

variable "vendor_account" {
  description = "The observability vendor's own account, outside the organization."
  type        = string
  default     = "999900000001"
}

variable "read_actions" {
  description = "The actions that the role reading the snapshot needs, from the table of read operations."
  type        = list(string)
}

variable "local" {
  description = "True where an emulator on this machine stands in for AWS."
  type        = bool
  default     = false
}
