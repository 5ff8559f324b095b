"""The emulator with the account ids of the example.

moto invents account ids; the example's are written down, so that its boundary can name them. Nothing else of moto is
changed: what it answers is what the example holds.
"""

import json
import sys
import threading

from moto.organizations import models, utils
from moto.server import main

with open(sys.argv[1], encoding="utf-8") as file:
    IDS = json.load(file)["accounts"]

lock = threading.Lock()
made_by_moto = models.FakeAccount.__init__


def numbered(self, organization, **kwargs):
    # moto calls the management account "master".
    if kwargs["AccountName"] == "master":
        kwargs["AccountName"] = "management"
    with lock:
        utils.make_random_account_id = lambda: IDS[kwargs["AccountName"]]
        made_by_moto(self, organization, **kwargs)


models.FakeAccount.__init__ = numbered
main(sys.argv[2:])
