# Planted: a session tag switches an exemption on. Sessions that carry dp-exclude may come from any network, and the
# orchestrator may start the reader's sessions with any tag it likes.

locals {
  credential_network = {
    Sid       = "OnlyFromClaims"
    Effect    = "Deny"
    Principal = "*"
    NotAction = local.secret_configuration
    Resource  = "*"
    Condition = { StringNotEquals = { "aws:SourceVpce" = local.claims_secrets_endpoint, "aws:PrincipalTag/dp-exclude" = "true" } }
  }

  claims_reader_trust = [
    local.assumed_by_ecs["claims"],
    {
      Sid       = "Orchestrator"
      Effect    = "Allow"
      Principal = { AWS = aws_iam_role.claims_orchestrator.arn }
      Action    = ["sts:AssumeRole", "sts:TagSession"]
    },
  ]

  claims_orchestrator_policy = [{
    Sid      = "BecomeReader"
    Effect   = "Allow"
    Action   = ["sts:AssumeRole", "sts:TagSession"]
    Resource = local.roles["claims-reader"]
  }]
}
