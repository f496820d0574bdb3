# The Nix door, which is one of the ways into this project's environments: a shell for each track, that is, for each
# pinned version of libp2p. The toolchain comes from nixpkgs, and every Python distribution from the track's lock.
{
  description = "The py-libp2p interop ping test in one locked environment";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs = {nixpkgs, ...}: let
    oldest = "2.18";
    packages =
      if builtins.compareVersions builtins.nixVersion oldest >= 0
      then nixpkgs.legacyPackages
      else throw "flake.nix: expected Nix ${oldest} or later, found ${builtins.nixVersion}; upgrade it, or on Debian: scripts/nix";

    settings = (builtins.fromTOML (builtins.readFile ./pyproject.toml)).tool;
    default = settings.lockenv.default-track;
    tracks = settings.envparity.tracks;
    toolchain = builtins.fromTOML (builtins.readFile ./locks/toolchain.toml);
    attribute = builtins.replaceStrings ["." "-"] ["_" "_"];

    # `each (pkgs: …)` returns a set with one value for every system.
    each = make:
      builtins.listToAttrs (map (system: {
          name = system;
          value = make packages.${system};
        })
        toolchain.doors.nix.systems);

    # The Python of a track, for example pkgs.python311.
    pythonOf = pkgs: track: pkgs.${"python" + builtins.replaceStrings ["."] [""] tracks.${track}.python};
    programOf = pkgs: track: "${pythonOf pkgs track}/bin/python${tracks.${track}.python}";

    # The scripts run with the Python of the default track. So every shell has this Python too.
    pythonsOf = track:
      if tracks.${track}.python == tracks.${default}.python
      then [track]
      else [track default];

    # This list has Python itself, but none of nixpkgs' Python packages, because everything in the environment comes from
    # the lock.
    tools = pkgs: track:
      map (pythonOf pkgs) (pythonsOf track) ++ [pkgs.cmake pkgs.git pkgs.pkg-config pkgs.redis pkgs.stdenv.cc pkgs.uv];

    # The shells and the apps set the same variables, so that both build the same files.
    enter = pkgs: track: ''
      export PATH=${pkgs.lib.makeBinPath (tools pkgs track)}:$PATH
      export CPATH=${pkgs.lib.getDev pkgs.gmp}/include LIBRARY_PATH=${pkgs.lib.getLib pkgs.gmp}/lib
      ${pkgs.lib.optionalString pkgs.stdenv.hostPlatform.isLinux ''
        # Wheels from PyPI load the C++ runtime of the system. In this shell, the C++ runtime is in the Nix store.
        export LD_LIBRARY_PATH=${pkgs.lib.makeLibraryPath [pkgs.stdenv.cc.cc.lib pkgs.gmp]}
      ''}
      # The locked uv does not run on NixOS, and a Python that uv downloads does not run there either.
      export LOCKENV_PYTHON=${builtins.concatStringsSep ":" (map (programOf pkgs) (pythonsOf track))}
      export LOCKENV_UV=${pkgs.uv}/bin/uv UV_PYTHON_DOWNLOADS=never
      # nixpkgs' Python sets these variables for builds of packages. They would change the behaviour of Python here.
      unset PYTHONPATH PYTHONHOME PYTHONHASHSEED
      # The builder of a shell sets CC, and the apps do not. Without CC, both use the compiler that the Python names.
      unset CC
      source ${./dev/doors/within/nix-enter} ${track}
    '';

    shell = pkgs: track:
      pkgs.mkShell {
        name = "py-libp2p-ping-test-${track}";
        nativeBuildInputs = tools pkgs track;
        buildInputs = [pkgs.gmp];
        shellHook = enter pkgs track;
      };

    app = pkgs: name: {
      type = "app";
      program = "${pkgs.writeShellScript name ''
        ${enter pkgs default}
        exec "$LOCKENV_ROOT/scripts/${name}" "$@"
      ''}";
      meta.description = "scripts/${name} of the checkout, in the environment of its default track";
    };
    # A small program that needs the headers of Python and gmp shows that the toolchain of a track works.
    toolchainCheck = pkgs: track:
      pkgs.runCommand "toolchain" {
        nativeBuildInputs = tools pkgs track;
        buildInputs = [pkgs.gmp];
      }
      ''
        export CPATH=${pkgs.lib.getDev pkgs.gmp}/include LIBRARY_PATH=${pkgs.lib.getLib pkgs.gmp}/lib
        cat > fits.c <<'EOF'
        #include <Python.h>
        #include <gmp.h>
        #include <stdio.h>
        int main(void) { return printf("Python %s, gmp %s\n", PY_VERSION, gmp_version) < 0; }
        EOF
        headers=$(${programOf pkgs track} -I -c 'import sysconfig; print(sysconfig.get_path("include"))')
        cc -I"$headers" fits.c -lgmp -o fits
        ./fits | tee $out
        grep -q '^Python ${tracks.${track}.python}\.' $out
        pkg-config --exists gmp
        for program in cmake git redis-server uv; do $program --version >> $out; done
      '';
  in {
    devShells = each (pkgs:
      builtins.listToAttrs (map (track: {
          name = attribute track;
          value = shell pkgs track;
        })
        (builtins.attrNames tracks))
      // {default = shell pkgs default;});

    apps = each (pkgs: {
      default = app pkgs "ping";
      ping = app pkgs "ping";
      test = app pkgs "test";
      parity = app pkgs "parity";
    });

    checks = each (pkgs:
      builtins.listToAttrs (map (track: {
          name = "toolchain-${attribute track}";
          value = toolchainCheck pkgs track;
        })
        (builtins.attrNames tracks)));

    # The formatter of Nix files, from nixpkgs. scripts/check uses the same formatter.
    formatter = each (pkgs: pkgs.alejandra);
  };
}
