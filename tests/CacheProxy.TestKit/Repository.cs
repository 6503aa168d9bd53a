namespace CacheProxy.TestKit;

/// <summary>Where the checkout lies: found from the test binaries upwards by the solution file.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Path of a file below the repository root; does not check that it exists.</summary>
    public static string File(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>Path below the optional <c>shared</c> folder beside the checkout, or null where it is absent (tests over it then skip).</summary>
    public static string? Shared(params string[] parts)
    {
        string path = Path.Combine([Root, "..", "shared", .. parts]);
        return Path.Exists(path) ? Path.GetFullPath(path) : null;
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "CacheProxy.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No CacheProxy.sln above {AppContext.BaseDirectory}.");
    }
}
