"""Parts of the scenario tests: a real gateway, real and scripted peers on loopback. Standard library only."""
