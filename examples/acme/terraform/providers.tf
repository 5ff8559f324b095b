terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

# One provider for each account: every resource says whose it is.

provider "aws" {
  alias                       = "management"
  region                      = var.region
  max_retries                 = var.local ? 1 : 25
  s3_use_path_style           = var.local
  skip_credentials_validation = var.local
  skip_metadata_api_check     = var.local
  assume_role {
    role_arn = "arn:aws:iam::${var.accounts["management"]}:role/OrganizationAccountAccessRole"
  }
}

provider "aws" {
  alias                       = "log-archive"
  region                      = var.region
  max_retries                 = var.local ? 1 : 25
  s3_use_path_style           = var.local
  skip_credentials_validation = var.local
  skip_metadata_api_check     = var.local
  assume_role {
    role_arn = "arn:aws:iam::${var.accounts["log-archive"]}:role/OrganizationAccountAccessRole"
  }
}

provider "aws" {
  alias                       = "security"
  region                      = var.region
  max_retries                 = var.local ? 1 : 25
  s3_use_path_style           = var.local
  skip_credentials_validation = var.local
  skip_metadata_api_check     = var.local
  assume_role {
    role_arn = "arn:aws:iam::${var.accounts["security"]}:role/OrganizationAccountAccessRole"
  }
}

provider "aws" {
  alias                       = "network"
  region                      = var.region
  max_retries                 = var.local ? 1 : 25
  s3_use_path_style           = var.local
  skip_credentials_validation = var.local
  skip_metadata_api_check     = var.local
  assume_role {
    role_arn = "arn:aws:iam::${var.accounts["network"]}:role/OrganizationAccountAccessRole"
  }
}

provider "aws" {
  alias                       = "keys"
  region                      = var.region
  max_retries                 = var.local ? 1 : 25
  s3_use_path_style           = var.local
  skip_credentials_validation = var.local
  skip_metadata_api_check     = var.local
  assume_role {
    role_arn = "arn:aws:iam::${var.accounts["keys"]}:role/OrganizationAccountAccessRole"
  }
}

provider "aws" {
  alias                       = "data"
  region                      = var.region
  max_retries                 = var.local ? 1 : 25
  s3_use_path_style           = var.local
  skip_credentials_validation = var.local
  skip_metadata_api_check     = var.local
  assume_role {
    role_arn = "arn:aws:iam::${var.accounts["data"]}:role/OrganizationAccountAccessRole"
  }
}

provider "aws" {
  alias                       = "payments"
  region                      = var.region
  max_retries                 = var.local ? 1 : 25
  s3_use_path_style           = var.local
  skip_credentials_validation = var.local
  skip_metadata_api_check     = var.local
  assume_role {
    role_arn = "arn:aws:iam::${var.accounts["payments"]}:role/OrganizationAccountAccessRole"
  }
}

provider "aws" {
  alias                       = "claims"
  region                      = var.region
  max_retries                 = var.local ? 1 : 25
  s3_use_path_style           = var.local
  skip_credentials_validation = var.local
  skip_metadata_api_check     = var.local
  assume_role {
    role_arn = "arn:aws:iam::${var.accounts["claims"]}:role/OrganizationAccountAccessRole"
  }
}

provider "aws" {
  alias                       = "sandbox"
  region                      = var.region
  max_retries                 = var.local ? 1 : 25
  s3_use_path_style           = var.local
  skip_credentials_validation = var.local
  skip_metadata_api_check     = var.local
  assume_role {
    role_arn = "arn:aws:iam::${var.accounts["sandbox"]}:role/OrganizationAccountAccessRole"
  }
}
