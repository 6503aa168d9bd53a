using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Makes the packages that no configured NuGet source has and lays them out for NuGet. Compiled by MSBuild when it is needed,
/// against netstandard 2.0. One process at a time (file lock); a package appears whole (folder renamed).
/// </summary>
public sealed class FillPackages : Task
{
    const int LockWaitMinutes = 20;
    const int LogLimit = 1000;

    /// <summary>Items with Version, Made (where to) and Folder (below that, as NuGet lays packages out); Own=true: a name of this repository, of which no source is asked.</summary>
    public ITaskItem[] Packages { get; set; }

    /// <summary>Items with Version, Package, Megabytes, Sha512 and, where only a GPU machine needs it, Gpu=true.</summary>
    public ITaskItem[] Tarballs { get; set; }

    public string Gpu { get; set; }

    public string Root { get; set; }

    public string Projects { get; set; }

    public override bool Execute()
    {
        Directory.CreateDirectory(Root);
        using (WaitForLock())
        {
            string work = Path.Combine(Root, "work");
            RemoveFolder(work);
            Directory.CreateDirectory(work);
            ITaskItem[] absent = Packages.Where(package => !IsMade(package) && !SourcesHave(package, work)).ToArray();
            if (absent.Length > 0)
            {
                // To stderr, because `dotnet run` shows no message of its build.
                Console.Error.WriteLine("CacheProxy: making once what no configured package source has: " + string.Join(", ", absent.Select(p => Name(p) + " from " + Origin(p))));
            }

            foreach (ITaskItem package in absent)
            {
                try
                {
                    Make(package, work);
                }
                catch (Exception e) when (e is FillException || e is IOException || e is UnauthorizedAccessException)
                {
                    Log.LogError(null, "CACHEPROXY1", null, null, 0, 0, 0, 0, "Package {0} is in no configured source and could not be made: {1}", Name(package), e.Message);
                }
            }

            RemoveFolder(work);
        }

        return !Log.HasLoggedErrors;
    }

    /// <summary>Asked again under the lock: another process may have made it meanwhile.</summary>
    bool IsMade(ITaskItem package)
    {
        return File.Exists(Path.Combine(package.GetMetadata("Made"), package.GetMetadata("Folder"), ".nupkg.metadata"));
    }

    bool SourcesHave(ITaskItem package, string work)
    {
        return package.GetMetadata("Own") != "true" && Download(package, work, "", out _) == 0;
    }

    /// <summary>Lets NuGet download and unpack one package: with no options from the configured sources into its own folder.</summary>
    int Download(ITaskItem package, string work, string options, out string log)
    {
        return Run(DotnetHost(), "restore " + Quote(Path.Combine(Projects, "Probe.csproj")) + " -v q -nologo --force --disable-build-servers"
            + " -p:ProbeId=" + package.ItemSpec + " -p:FillVersion=" + package.GetMetadata("Version") + " -p:FillWork=" + Quote(work) + options, work, out log);
    }

    ITaskItem[] TarballsOf(ITaskItem package)
    {
        return Tarballs.Where(t => t.GetMetadata("Package") == package.ItemSpec && (Gpu == "true" || t.GetMetadata("Gpu") != "true")).ToArray();
    }

    string Origin(ITaskItem package)
    {
        ITaskItem[] tarballs = TarballsOf(package);
        return tarballs.Length == 0 ? "the .NET SDK" : "npm's " + string.Join(" and ", tarballs.Select(t => Name(t) + " (" + t.GetMetadata("Megabytes") + " MB)"));
    }

    void Make(ITaskItem package, string work)
    {
        foreach (ITaskItem tarball in TarballsOf(package))
        {
            Fetch(tarball, work);
        }

        string output = Path.Combine(work, "out"), unpacked = Path.Combine(work, "unpacked"), log;
        string arguments = "pack " + Quote(Path.Combine(Projects, package.ItemSpec + ".csproj")) + " -c Release -v q -nologo --disable-build-servers -o " + Quote(output)
            + " -p:FillVersion=" + package.GetMetadata("Version") + " -p:FillGpu=" + Gpu + " -p:FillWork=" + Quote(work);
        if (Run(DotnetHost(), arguments, work, out log) != 0)
        {
            throw new FillException("its build failed: " + log);
        }

        if (Download(package, work, " -p:RestoreSources=" + Quote(output) + " -p:RestorePackagesPath=" + Quote(unpacked), out log) != 0)
        {
            throw new FillException("NuGet could not unpack it: " + log);
        }

        string folder = package.GetMetadata("Folder"), made = Path.Combine(package.GetMetadata("Made"), folder);
        RemoveFolder(made);
        Directory.CreateDirectory(Path.GetDirectoryName(made));
        Directory.Move(Path.Combine(unpacked, folder), made);
    }

    /// <summary>Downloads one tarball with the npm client, compares its hash and unpacks it below <paramref name="work"/>.</summary>
    void Fetch(ITaskItem tarball, string work)
    {
        string name = tarball.ItemSpec + "@" + tarball.GetMetadata("Version"), folder = Path.Combine(work, tarball.ItemSpec);
        Directory.CreateDirectory(folder);
        if (Run("npm", "pack " + name + " --prefer-offline --ignore-scripts --loglevel=error --pack-destination .", folder, out string log) != 0)
        {
            throw new FillException("npm could not fetch " + name + ": " + log);
        }

        string file = Directory.GetFiles(folder, "*.tgz").Single();
        string hash;
        using (SHA512 sha = SHA512.Create())
        using (FileStream stream = File.OpenRead(file))
        {
            hash = Convert.ToBase64String(sha.ComputeHash(stream));
        }

        if (hash != tarball.GetMetadata("Sha512"))
        {
            throw new FillException("the sha512 of npm's " + name + " is " + hash + ", expected " + tarball.GetMetadata("Sha512"));
        }

        if (Run("tar", "-xzf " + Quote(Path.GetFileName(file)), folder, out log) != 0)
        {
            throw new FillException("tar could not unpack " + name + ": " + log);
        }

        File.Delete(file);
    }

    FileStream WaitForLock()
    {
        string path = Path.Combine(Root, "lock");
        for (Stopwatch waited = Stopwatch.StartNew(); ; Thread.Sleep(100))
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (waited.Elapsed.TotalMinutes < LockWaitMinutes)
            {
            }
        }
    }

    /// <summary>Runs a program to its end; <paramref name="log"/> is the head of its output in one line. A program that is absent is a failure with that cause.</summary>
    static int Run(string program, string arguments, string folder, out string log)
    {
        bool windows = Path.DirectorySeparatorChar == '\\';
        ProcessStartInfo start = windows && program == "npm" ? new ProcessStartInfo("cmd", "/c npm " + arguments) : new ProcessStartInfo(program, arguments);
        start.WorkingDirectory = folder;
        start.UseShellExecute = false;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        StringBuilder text = new StringBuilder();
        void Collect(object sender, DataReceivedEventArgs line)
        {
            lock (text)
            {
                text.Append(line.Data).Append(' ');
            }
        }

        using (Process process = new Process { StartInfo = start })
        {
            process.OutputDataReceived += Collect;
            process.ErrorDataReceived += Collect;
            try
            {
                process.Start();
            }
            catch (System.ComponentModel.Win32Exception e)
            {
                throw new FillException(program + " could not be started (" + e.Message + "); it must be installed and on the PATH");
            }

            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            process.WaitForExit();
            log = text.ToString().Trim();
            log = log.Length > LogLimit ? log.Substring(0, LogLimit) + "…" : log;
            return process.ExitCode;
        }
    }

    static string DotnetHost()
    {
        string host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH");
        return string.IsNullOrEmpty(host) ? "dotnet" : host;
    }

    /// <summary>Renamed first, so that no other process sees a half-removed folder.</summary>
    static void RemoveFolder(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        string gone = folder + ".gone-" + Guid.NewGuid().ToString("N");
        Directory.Move(folder, gone);
        Directory.Delete(gone, true);
    }

    static string Name(ITaskItem item)
    {
        return item.ItemSpec + " " + item.GetMetadata("Version");
    }

    static string Quote(string path)
    {
        return "\"" + path + "\"";
    }

    sealed class FillException : Exception
    {
        public FillException(string message)
            : base(message)
        {
        }
    }
}
