"""Write the folder `interop/transport` of a py-libp2p checkout: everything that builds the image of the ping test.

A harness (a program that tests many libp2p implementations) builds an image of py-libp2p from a checkout of py-libp2p.
The Dockerfile of the written folder makes this image. The image has the library of the checkout, and every other
distribution from a lock.

`checkout` reads the checkout, and refuses any other folder. `folder` collects the files, and `dockerfile` makes
the Dockerfile of the folder from the Dockerfile of this repository. `difference` shows the changes and writes them.
`within/` has the programs that run in the written folder.
"""
