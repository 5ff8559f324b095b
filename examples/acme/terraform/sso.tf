# People come in by Identity Center: one permission set for each task, and each administrator's set is good for one thing,
# to become the administrator's role. The emulator lacks the calls that these resources need; there, the roles that
# Identity Center provisions stand alone, and the snapshot's answers of Identity Center are completed by hand.

locals {
  permission_sets = {
    AdministratorAccess = { suffix = "0a1b2c3d4e5f6071", accounts = ["management", "sandbox"], policies = ["arn:aws:iam::aws:policy/AdministratorAccess"], become = "" }
    ViewOnly            = { suffix = "1b2c3d4e5f607182", accounts = ["security", "network", "payments", "claims"], policies = ["arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"], become = "" }
    KeyAdmin            = { suffix = "2c3d4e5f60718293", accounts = ["keys"], policies = [], become = local.roles["key-admin"] }
    DataAdmin           = { suffix = "3d4e5f60718293a4", accounts = ["data"], policies = [], become = local.roles["data-admin"] }
    ArchiveAdmin        = { suffix = "4e5f60718293a4b5", accounts = ["log-archive"], policies = [], become = local.roles["archive-admin"] }
  }
  provisioned_sets = { for name, set in local.permission_sets : name => set if !var.local }
}

data "aws_ssoadmin_instances" "acme" {
  count      = var.local ? 0 : 1
  provider   = aws.management
  depends_on = [aws_organizations_organization.acme]
}

resource "aws_ssoadmin_permission_set" "acme" {
  for_each     = local.provisioned_sets
  provider     = aws.management
  name         = each.key
  instance_arn = data.aws_ssoadmin_instances.acme[0].arns[0]
}

resource "aws_ssoadmin_managed_policy_attachment" "acme" {
  for_each           = { for name, set in local.provisioned_sets : name => set.policies[0] if length(set.policies) > 0 }
  provider           = aws.management
  instance_arn       = data.aws_ssoadmin_instances.acme[0].arns[0]
  permission_set_arn = aws_ssoadmin_permission_set.acme[each.key].arn
  managed_policy_arn = each.value
}

resource "aws_ssoadmin_permission_set_inline_policy" "acme" {
  for_each           = { for name, set in local.provisioned_sets : name => set.become if set.become != "" }
  provider           = aws.management
  instance_arn       = data.aws_ssoadmin_instances.acme[0].arns[0]
  permission_set_arn = aws_ssoadmin_permission_set.acme[each.key].arn
  inline_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Become", Effect = "Allow", Action = "sts:AssumeRole", Resource = each.value }]
  })
}
