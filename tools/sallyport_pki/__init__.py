"""Certificate authorities and certificates for trying Sallyport; sallyport-pki is the command.

der            DER and PEM, put together byte by byte
names          distinguished names and general names
openssl        the openssl command: keys, signatures, verification
certificate    a plan and the certificate that comes of it
folder         the files: the only part that reads and writes them
kinds          client certificates good and bad, a row each
sets           whole sets of them: the tree, and everything that the tests use
command_line   the commands
"""

from .der import certificates_in
from .folder import Folder
from .kinds import KINDS
from .mistake import Mistake
from .sets import make_everything, make_tree

__all__ = ["Folder", "KINDS", "Mistake", "certificates_in", "make_everything", "make_tree"]
