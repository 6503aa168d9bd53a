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
/// Makes the packages that no configured NuGet source has and puts them into the local feed. Compiled by MSBuild when it is
/// needed, against netstandard 2.0. One process at a time (file lock); the feed sees whole files only (rename), the stamp last.
/// </summary>
public sealed class FillFeed : Task
{
    const int LockWaitMinutes = 20;

    /// <summary>Items with Version, Installed (folder in NuGet's package folder), Made (file in the feed), Stamp (written last).</summary>
    public ITaskItem[] Packages { get; set; }

    /// <summary>Items with Version, Package, Megabytes, Sha512 and, where only a GPU machine needs it, Gpu=true.</summary>
    public ITaskItem[] Tarballs { get; set; }

    public string Recipe { get; set; }

    public string Gpu { get; set; }

    public string Root { get; set; }

    public string Projects { get; set; }

    public override bool Execute()
    {
        Directory.CreateDirectory(Root);
        using (WaitForLock())
        {
            foreach (ITaskItem package in Packages)
            {
                string name = package.ItemSpec + " " + package.GetMetadata("Version");
                try
                {
                    Fill(package, name);
                }
                catch (Exception e) when (e is FillException || e is IOException || e is UnauthorizedAccessException)
                {
                    Log.LogError(null, "CACHEPROXY1", null, null, 0, 0, 0, 0, "Package {0} is in no configured source and could not be made: {1}", name, e.Message);
                }
            }
        }

        return !Log.HasLoggedErrors;
    }

    void Fill(ITaskItem package, string name)
    {
        string installed = package.GetMetadata("Installed"), made = package.GetMetadata("Made"), stamp = package.GetMetadata("Stamp");
        string installedRecipe = Path.Combine(installed, "recipe");
        if (Directory.Exists(installedRecipe) && !File.Exists(Path.Combine(installedRecipe, Recipe)))
        {
            RemoveFolder(installed);
        }

        // Another process may have filled it while this one waited for the lock.
        if (File.Exists(Path.Combine(installed, ".nupkg.metadata")) || (File.Exists(made) && File.Exists(stamp)))
        {
            return;
        }

        foreach (string old in Directory.GetFiles(Path.GetDirectoryName(made), package.ItemSpec + "." + package.GetMetadata("Version") + ".*"))
        {
            File.Delete(old);
        }

        string work = Path.Combine(Root, "work-" + Guid.NewGuid().ToString("N").Substring(0, 8));
        Directory.CreateDirectory(work);
        try
        {
            if (!SourcesHave(package, work))
            {
                Make(package, name, work, made);
                File.WriteAllText(stamp, name + "\n");
            }
        }
        finally
        {
            RemoveFolder(work);
        }
    }

    bool SourcesHave(ITaskItem package, string work)
    {
        return Run(DotnetHost(), "restore " + Quote(Path.Combine(Projects, "Probe.csproj")) + " -v q -nologo --disable-build-servers"
            + " -p:ProbeId=" + package.ItemSpec + " -p:FillVersion=" + package.GetMetadata("Version") + " -p:FillWork=" + Quote(work), work, out _) == 0;
    }

    void Make(ITaskItem package, string name, string work, string made)
    {
        ITaskItem[] tarballs = Tarballs.Where(t => t.GetMetadata("Package") == package.ItemSpec && (Gpu == "true" || t.GetMetadata("Gpu") != "true")).ToArray();
        string from = tarballs.Length == 0 ? "the .NET SDK" : "npm " + string.Join(" and ", tarballs.Select(t => t.ItemSpec + " " + t.GetMetadata("Version") + " (" + t.GetMetadata("Megabytes") + " MB)"));
        Log.LogMessage(MessageImportance.High, "CacheProxy: no configured source has {0}; making it once from {1}", name, from);
        foreach (ITaskItem tarball in tarballs)
        {
            Fetch(tarball, work);
        }

        string mark = Path.Combine(work, Recipe), output = Path.Combine(work, "out");
        File.WriteAllText(mark, "Made by src/.packages of CacheProxy.\n");
        string arguments = "pack " + Quote(Path.Combine(Projects, package.ItemSpec + ".csproj")) + " -c Release -v q -nologo --disable-build-servers -o " + Quote(output)
            + " -p:FillVersion=" + package.GetMetadata("Version") + " -p:FillGpu=" + Gpu + " -p:FillWork=" + Quote(work) + " -p:FillMark=" + Quote(mark);
        if (Run(DotnetHost(), arguments, work, out string log) != 0)
        {
            throw new FillException("its build failed: " + log);
        }

        File.Move(Directory.GetFiles(output, "*.nupkg").Single(), made);
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

    /// <summary>Runs a program to its end; <paramref name="log"/> is its output in one line. A program that is absent is a failure with that cause.</summary>
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
        string gone = folder + ".gone-" + Guid.NewGuid().ToString("N");
        Directory.Move(folder, gone);
        Directory.Delete(gone, true);
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
