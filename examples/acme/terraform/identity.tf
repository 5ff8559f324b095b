# Who may ask. Names under /app/ and /platform/ carry approval, so only the vending role creates them.

locals {
  roles = {
    claims-reader       = "arn:aws:iam::${var.accounts["claims"]}:role/app/claims-reader"
    claims-workers      = "arn:aws:iam::${var.accounts["claims"]}:role/app/claims-worker-*"
    claims-orchestrator = "arn:aws:iam::${var.accounts["claims"]}:role/app/claims-orchestrator"
    payments-writer     = "arn:aws:iam::${var.accounts["payments"]}:role/app/payments-writer"
    data-admin          = "arn:aws:iam::${var.accounts["data"]}:role/platform/data-admin"
    key-admin           = "arn:aws:iam::${var.accounts["keys"]}:role/platform/key-admin"
    archive-admin       = "arn:aws:iam::${var.accounts["log-archive"]}:role/platform/archive-admin"
    log-reader          = "arn:aws:iam::${var.accounts["security"]}:role/platform/log-reader"
  }

  # An AWS service may take a role only for its own account's tasks.
  assumed_by_ecs = { for account in ["claims", "payments"] : account => {
    Sid       = "TasksOfThisAccount"
    Effect    = "Allow"
    Principal = { Service = "ecs-tasks.amazonaws.com" }
    Action    = "sts:AssumeRole"
    Condition = { StringEquals = { "aws:SourceAccount" = var.accounts[account] } }
  } }

  claims_reader_trust = [
    local.assumed_by_ecs["claims"],
    {
      Sid       = "Orchestrator"
      Effect    = "Allow"
      Principal = { AWS = aws_iam_role.claims_orchestrator.arn }
      Action    = "sts:AssumeRole"
    },
  ]

  payments_writer_trust = [{
    Sid       = "Functions"
    Effect    = "Allow"
    Principal = { Service = "lambda.amazonaws.com" }
    Action    = "sts:AssumeRole"
  }]

  claims_orchestrator_policy = [{
    Sid      = "BecomeReader"
    Effect   = "Allow"
    Action   = "sts:AssumeRole"
    Resource = local.roles["claims-reader"]
  }]
}

# ---- the claims workload

resource "aws_iam_policy" "claims_boundary" {
  provider = aws.claims
  name     = "app-boundary"
  path     = "/platform/"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Ceiling", Effect = "Allow", Action = ["athena:*", "dynamodb:*", "ecr:*", "glue:Get*", "kms:Decrypt", "kms:GenerateDataKey", "logs:*", "s3:*", "secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret", "sqs:*"], Resource = "*" },
      { Sid = "NoIdentityChanges", Effect = "Deny", Action = ["iam:*", "organizations:*"], Resource = "*" },
    ]
  })
  depends_on = [aws_organizations_account.member]
}

resource "aws_iam_role" "claims_reader" {
  provider             = aws.claims
  name                 = "claims-reader"
  path                 = "/app/"
  permissions_boundary = aws_iam_policy.claims_boundary.arn
  assume_role_policy   = jsonencode({ Version = "2012-10-17", Statement = local.claims_reader_trust })
  tags                 = { team = "claims" }
}

resource "aws_iam_role_policy" "claims_reader" {
  provider = aws.claims
  name     = "read-records"
  role     = aws_iam_role.claims_reader.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Records", Effect = "Allow", Action = ["s3:GetObject", "s3:ListBucket"], Resource = [local.records_arn, "${local.records_arn}/*"] },
      { Sid = "Credential", Effect = "Allow", Action = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"], Resource = "arn:aws:secretsmanager:${var.region}:${var.accounts["data"]}:secret:claims/*" },
      { Sid = "Events", Effect = "Allow", Action = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], Resource = local.events_arn },
      { Sid = "Keys", Effect = "Allow", Action = "kms:Decrypt", Resource = "arn:aws:kms:${var.region}:${var.accounts["keys"]}:key/*" },
    ]
  })
}

resource "aws_iam_role" "claims_worker" {
  for_each             = toset(["intake", "triage"])
  provider             = aws.claims
  name                 = "claims-worker-${each.key}"
  path                 = "/app/"
  permissions_boundary = aws_iam_policy.claims_boundary.arn
  assume_role_policy   = jsonencode({ Version = "2012-10-17", Statement = [local.assumed_by_ecs["claims"]] })
  tags                 = { team = "claims" }
}

resource "aws_iam_role_policy" "claims_worker" {
  for_each = aws_iam_role.claims_worker
  provider = aws.claims
  name     = "work-on-cases"
  role     = each.value.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Cases"
      Effect   = "Allow"
      Action   = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"]
      Resource = [local.cases_arn, "${local.cases_arn}/index/*"]
    }]
  })
}

resource "aws_iam_role" "claims_orchestrator" {
  provider = aws.claims
  name     = "claims-orchestrator"
  path     = "/app/"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "StateMachines"
      Effect    = "Allow"
      Principal = { Service = "states.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.accounts["claims"] } }
    }]
  })
  depends_on = [aws_organizations_account.member]
}

resource "aws_iam_role_policy" "claims_orchestrator" {
  provider = aws.claims
  name     = "orchestrate"
  role     = aws_iam_role.claims_orchestrator.name
  policy   = jsonencode({ Version = "2012-10-17", Statement = local.claims_orchestrator_policy })
}

# ---- the payments workload

resource "aws_iam_role" "payments_writer" {
  provider           = aws.payments
  name               = "payments-writer"
  path               = "/app/"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = local.payments_writer_trust })
  tags               = { team = "payments" }
  depends_on         = [aws_organizations_account.member]
}

resource "aws_iam_role_policy" "payments_writer" {
  provider = aws.payments
  name     = "write-records"
  role     = aws_iam_role.payments_writer.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Records", Effect = "Allow", Action = "s3:PutObject", Resource = "${local.records_arn}/*" },
      { Sid = "Keys", Effect = "Allow", Action = "kms:GenerateDataKey", Resource = "arn:aws:kms:${var.region}:${var.accounts["keys"]}:key/*" },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "payments_writer_logs" {
  provider   = aws.payments
  role       = aws_iam_role.payments_writer.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
}

# ---- pipelines: they deploy into the workload accounts and touch no dataset

locals {
  ci_host = "token.actions.githubusercontent.com"
  ci_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Deploy", Effect = "Allow", Action = ["ecr:*", "ecs:*", "lambda:Get*", "lambda:List*", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"], Resource = "*" },
      { Sid = "HandOverRoles", Effect = "Allow", Action = "iam:PassRole", Resource = "arn:aws:iam::*:role/app/*", Condition = { StringEquals = { "iam:PassedToService" = ["ecs-tasks.amazonaws.com", "lambda.amazonaws.com"] } } },
    ]
  })
  ci_trust = { for account in ["claims", "payments"] : account => jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "MainBranchOnly"
      Effect    = "Allow"
      Principal = { Federated = "arn:aws:iam::${var.accounts[account]}:oidc-provider/${local.ci_host}" }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "${local.ci_host}:aud" = "sts.amazonaws.com"
          "${local.ci_host}:sub" = "repo:acme-example/${account}:ref:refs/heads/main"
        }
      }
    }]
  }) }
}

resource "aws_iam_openid_connect_provider" "claims" {
  provider        = aws.claims
  url             = "https://${local.ci_host}"
  client_id_list  = ["sts.amazonaws.com"]
  thumbprint_list = ["0000000000000000000000000000000000000000"]
  depends_on      = [aws_organizations_account.member]
}

resource "aws_iam_role" "claims_ci" {
  provider           = aws.claims
  name               = "deploy"
  path               = "/ci/"
  assume_role_policy = local.ci_trust["claims"]
  depends_on         = [aws_iam_openid_connect_provider.claims]
}

resource "aws_iam_role_policy" "claims_ci" {
  provider = aws.claims
  name     = "deploy"
  role     = aws_iam_role.claims_ci.name
  policy   = local.ci_policy
}

resource "aws_iam_openid_connect_provider" "payments" {
  provider        = aws.payments
  url             = "https://${local.ci_host}"
  client_id_list  = ["sts.amazonaws.com"]
  thumbprint_list = ["0000000000000000000000000000000000000000"]
  depends_on      = [aws_organizations_account.member]
}

resource "aws_iam_role" "payments_ci" {
  provider           = aws.payments
  name               = "deploy"
  path               = "/ci/"
  assume_role_policy = local.ci_trust["payments"]
  depends_on         = [aws_iam_openid_connect_provider.payments]
}

resource "aws_iam_role_policy" "payments_ci" {
  provider = aws.payments
  name     = "deploy"
  role     = aws_iam_role.payments_ci.name
  policy   = local.ci_policy
}

# ---- administrators: each changes one thing and reads no data

locals {
  # The permission set's role in the administrator's own account is the only way in.
  admin_trust = { for name, account in { key-admin = "keys", data-admin = "data", archive-admin = "log-archive" } : name => jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "PermissionSet"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${var.accounts[account]}:root" }
      Action    = "sts:AssumeRole"
      Condition = { ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::${var.accounts[account]}:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_${local.admin_sets[name]}_*" } }
    }]
  }) }
  admin_sets = { key-admin = "KeyAdmin", data-admin = "DataAdmin", archive-admin = "ArchiveAdmin" }
}

resource "aws_iam_role" "key_admin" {
  provider           = aws.keys
  name               = "key-admin"
  path               = "/platform/"
  assume_role_policy = local.admin_trust["key-admin"]
  depends_on         = [aws_organizations_account.member]
}

resource "aws_iam_role_policy" "key_admin" {
  provider = aws.keys
  name     = "administer"
  role     = aws_iam_role.key_admin.name
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "Keys", Effect = "Allow", Action = concat(local.key_administration, local.key_views), Resource = "*" }] })
}

resource "aws_iam_role" "data_admin" {
  provider           = aws.data
  name               = "data-admin"
  path               = "/platform/"
  assume_role_policy = local.admin_trust["data-admin"]
  depends_on         = [aws_organizations_account.member]
}

resource "aws_iam_role_policy" "data_admin" {
  provider = aws.data
  name     = "administer"
  role     = aws_iam_role.data_admin.name
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "Stores", Effect = "Allow", Action = concat(local.bucket_configuration_writes, local.bucket_configuration_reads, local.table_configuration, local.secret_configuration, local.queue_configuration), Resource = "*" }] })
}

resource "aws_iam_role" "archive_admin" {
  provider           = aws.log-archive
  name               = "archive-admin"
  path               = "/platform/"
  assume_role_policy = local.admin_trust["archive-admin"]
  depends_on         = [aws_organizations_account.member]
}

resource "aws_iam_role_policy" "archive_admin" {
  provider = aws.log-archive
  name     = "administer"
  role     = aws_iam_role.archive_admin.name
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "Archive", Effect = "Allow", Action = concat(local.archive_configuration_writes, local.bucket_configuration_reads, local.key_administration, local.key_views), Resource = "*" }] })
}

# ---- the security account: reads configuration and logs, changes nothing

resource "aws_iam_role" "inventory" {
  provider = aws.security
  name     = "inventory"
  path     = "/platform/"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Tasks"
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.accounts["security"] } }
    }]
  })
  depends_on = [aws_organizations_account.member]
}

resource "aws_iam_role_policy" "inventory" {
  provider = aws.security
  name     = "become-org-reader"
  role     = aws_iam_role.inventory.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Readers", Effect = "Allow", Action = "sts:AssumeRole", Resource = "arn:aws:iam::*:role/platform/org-reader", Condition = { StringEquals = { "aws:ResourceOrgID" = local.org_id } } }]
  })
}

resource "aws_iam_role" "log_reader" {
  provider = aws.security
  name     = "log-reader"
  path     = "/platform/"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Analysts"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${var.accounts["security"]}:root" }
      Action    = "sts:AssumeRole"
      Condition = { ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::${var.accounts["security"]}:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_ViewOnly_*" } }
    }]
  })
  depends_on = [aws_organizations_account.member]
}

resource "aws_iam_role_policy" "log_reader" {
  provider = aws.security
  name     = "read-logs"
  role     = aws_iam_role.log_reader.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Logs", Effect = "Allow", Action = ["s3:GetObject", "s3:ListBucket"], Resource = [local.archive_arn, "${local.archive_arn}/*"] },
      { Sid = "Key", Effect = "Allow", Action = "kms:Decrypt", Resource = "arn:aws:kms:${var.region}:${var.accounts["log-archive"]}:key/*" },
    ]
  })
}

# ---- the vendor: a foreign account, one role, one bucket that is no dataset

resource "aws_s3_bucket" "metrics" {
  provider   = aws.security
  bucket     = "acme-metrics-export"
  depends_on = [aws_organizations_account.member]
}

resource "aws_s3_bucket_public_access_block" "metrics" {
  provider                = aws.security
  bucket                  = aws_s3_bucket.metrics.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_iam_role" "vendor" {
  provider = aws.security
  name     = "observability-reader"
  path     = "/vendor/"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "VendorWithOurId"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${var.vendor_account}:root" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "sts:ExternalId" = "acme-7f3c2a" } }
    }]
  })
  depends_on = [aws_organizations_account.member]
}

resource "aws_iam_role_policy" "vendor" {
  provider = aws.security
  name     = "read-metrics"
  role     = aws_iam_role.vendor.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Metrics", Effect = "Allow", Action = ["s3:GetObject", "s3:ListBucket"], Resource = [aws_s3_bucket.metrics.arn, "${aws_s3_bucket.metrics.arn}/*"] }]
  })
}

# ---- the management account: vends accounts, keeps one user for the day when Identity Center is down

resource "aws_iam_role" "account_vending" {
  provider = aws.management
  name     = "account-vending"
  path     = "/platform/"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Pipelines"
      Effect    = "Allow"
      Principal = { Service = "codebuild.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.accounts["management"] } }
    }]
  })
  depends_on = [aws_organizations_organization.acme]
}

resource "aws_iam_role_policy" "account_vending" {
  provider = aws.management
  name     = "vend-accounts"
  role     = aws_iam_role.account_vending.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Accounts", Effect = "Allow", Action = ["organizations:CreateAccount", "organizations:Describe*", "organizations:List*", "organizations:MoveAccount"], Resource = "*" },
      { Sid = "Roles", Effect = "Allow", Action = "sts:AssumeRole", Resource = "arn:aws:iam::*:role/platform/vending" },
    ]
  })
}

resource "aws_iam_group" "break_glass" {
  provider   = aws.management
  name       = "break-glass"
  depends_on = [aws_organizations_organization.acme]
}

resource "aws_iam_group_policy_attachment" "break_glass" {
  provider   = aws.management
  group      = aws_iam_group.break_glass.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

resource "aws_iam_group_policy" "break_glass" {
  provider = aws.management
  name     = "only-with-mfa"
  group    = aws_iam_group.break_glass.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Mfa", Effect = "Deny", Action = "*", Resource = "*", Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } } }]
  })
}

resource "aws_iam_user" "break_glass" {
  provider   = aws.management
  name       = "break-glass-1"
  depends_on = [aws_organizations_organization.acme]
}

resource "aws_iam_user_group_membership" "break_glass" {
  provider = aws.management
  user     = aws_iam_user.break_glass.name
  groups   = [aws_iam_group.break_glass.name]
}
