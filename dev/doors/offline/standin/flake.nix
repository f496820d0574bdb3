# This flake replaces nixpkgs on a machine that does not reach the cache of nixpkgs. Each package that this project's
# flake names is a folder of links to this machine's own files, which host.json lists. The stand-in shows that flake.nix
# works. It does not show the contents of nixpkgs.
{
  outputs = _: let
    host = builtins.fromJSON (builtins.readFile ./host.json);

    lib = {
      getDev = package: package;
      getLib = package: package;
      optionalString = condition: text:
        if condition
        then text
        else "";
      makeBinPath = packages: builtins.concatStringsSep ":" (map (package: "${package}/bin") packages);
      makeLibraryPath = packages: builtins.concatStringsSep ":" (map (package: "${package}/lib") packages);
    };

    packagesOf = system: let
      run = name: attributes: script:
        derivation ({
            inherit name system;
            builder = host.bash;
            outputs = ["out"];
            # The programs that the bootstrap of nixpkgs would provide, for example mkdir, come from this machine.
            PATH = "/usr/bin:/bin";
            # Without `exit` after the script, bash would replace itself with the last command of the script. If this
            # command then closed its output before it ended, Nix would kill the command.
            args = ["-euc" "${script}\nexit"];
          }
          // attributes);

      links = name: files:
        run name {} (
          if files == {}
          then "echo 'stand-in: expected ${name} on this machine, found none; scripts/check nixfmt builds alejandra' >&2; exit 1"
          else
            builtins.concatStringsSep "\n" (map (path: ''
              mkdir -p "$out/${dirOf path}"
              ln -s ${files.${path}} "$out/${path}"
            '') (builtins.attrNames files))
        );

      packages = builtins.mapAttrs links host.packages;

      # The part of nixpkgs' setup script that this project's shells and checks need.
      setup = builtins.toFile "setup" ''
        export PATH=/usr/bin:/bin
        for input in $nativeBuildInputs $buildInputs; do
          PATH=$input/bin:$PATH
          export PKG_CONFIG_PATH=$input/lib/pkgconfig''${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
        done
        export CC=gcc
      '';
      stdenv = run "stdenv" {} ''mkdir "$out" && cp ${setup} "$out/setup"'';
    in
      packages
      // {
        inherit lib;
        stdenv =
          stdenv
          // {
            cc = packages.gcc // {cc.lib = packages.gccLibraries;};
            hostPlatform.isLinux = builtins.match ".*-linux" system != null;
          };
        # `nix develop` runs the builder of a shell to read the shell's variables. The builder's name must be bash.
        mkShell = attributes: run attributes.name ({inherit stdenv;} // attributes) ''mkdir "$out"'';
        runCommand = name: attributes: script:
          run name ({inherit stdenv;} // attributes) ''
            source "$stdenv/setup"
            ${script}
          '';
        writeShellScript = name: text:
          run name {inherit text;} ''
            printf '#!%s\n%s\n' ${host.bash} "$text" > "$out"
            chmod +x "$out"
          '';
      };
  in {
    # nixpkgs 26.11 throws this error as soon as Nix evaluates its packages for x86_64-darwin.
    legacyPackages =
      {x86_64-darwin = throw "nixpkgs: expected another system, found x86_64-darwin, which this branch does not have";}
      // builtins.listToAttrs (map (system: {
          name = system;
          value = packagesOf system;
        })
        host.systems);
  };
}
