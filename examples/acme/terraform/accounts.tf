# What every account of the organization gets: the platform's own roles and what Control Tower,
# Identity Center and AWS services put there.

module "management" {
  source          = "./account"
  providers       = { aws = aws.management }
  id              = var.accounts["management"]
  accounts        = var.accounts
  read_actions    = var.read_actions
  permission_sets = local.permission_sets
  depends_on      = [aws_organizations_organization.acme]
}

module "log-archive" {
  source          = "./account"
  providers       = { aws = aws.log-archive }
  id              = var.accounts["log-archive"]
  accounts        = var.accounts
  read_actions    = var.read_actions
  permission_sets = local.permission_sets
  depends_on      = [aws_organizations_account.member]
}

module "security" {
  source          = "./account"
  providers       = { aws = aws.security }
  id              = var.accounts["security"]
  accounts        = var.accounts
  read_actions    = var.read_actions
  permission_sets = local.permission_sets
  depends_on      = [aws_organizations_account.member]
}

module "network" {
  source          = "./account"
  providers       = { aws = aws.network }
  id              = var.accounts["network"]
  accounts        = var.accounts
  read_actions    = var.read_actions
  permission_sets = local.permission_sets
  depends_on      = [aws_organizations_account.member]
}

module "keys" {
  source          = "./account"
  providers       = { aws = aws.keys }
  id              = var.accounts["keys"]
  accounts        = var.accounts
  read_actions    = var.read_actions
  permission_sets = local.permission_sets
  depends_on      = [aws_organizations_account.member]
}

module "data" {
  source          = "./account"
  providers       = { aws = aws.data }
  id              = var.accounts["data"]
  accounts        = var.accounts
  read_actions    = var.read_actions
  permission_sets = local.permission_sets
  depends_on      = [aws_organizations_account.member]
}

module "payments" {
  source          = "./account"
  providers       = { aws = aws.payments }
  id              = var.accounts["payments"]
  accounts        = var.accounts
  read_actions    = var.read_actions
  permission_sets = local.permission_sets
  depends_on      = [aws_organizations_account.member]
}

module "claims" {
  source          = "./account"
  providers       = { aws = aws.claims }
  id              = var.accounts["claims"]
  accounts        = var.accounts
  read_actions    = var.read_actions
  permission_sets = local.permission_sets
  depends_on      = [aws_organizations_account.member]
}

module "sandbox" {
  source          = "./account"
  providers       = { aws = aws.sandbox }
  id              = var.accounts["sandbox"]
  accounts        = var.accounts
  read_actions    = var.read_actions
  permission_sets = local.permission_sets
  depends_on      = [aws_organizations_account.member]
}
