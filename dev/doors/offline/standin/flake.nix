# Replaces nixpkgs where its cache is not reached: each package that this project's flake names is a folder of links to
# this machine's own files, which host.json lists. It shows what flake.nix does, not what nixpkgs has.
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
            # What nixpkgs' bootstrap has, a machine has here.
            PATH = "/usr/bin:/bin";
            # Not the script alone: bash would become its last command, and one that closes its output before it ends
            # is killed for that.
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

      # What nixpkgs' setup does, as far as this project's shells and checks go.
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
        # `nix develop` takes a shell apart by running its builder, which must be called bash.
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
    legacyPackages = builtins.listToAttrs (map (system: {
        name = system;
        value = packagesOf system;
      })
      ["x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin"]);
  };
}
