namespace CacheProxy.Pipeline;

/// <summary>Finds the bundled models.</summary>
public static class ModelFolder
{
    private static readonly string Default = Path.Combine("config", "models");

    /// <summary><c>config/models</c> in the current folder or in one above the program; the current folder's where there is none, so that the error names it.</summary>
    public static string Find()
    {
        if (Directory.Exists(Default))
        {
            return Path.GetFullPath(Default);
        }

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, Default);
            if (Directory.Exists(path))
            {
                return path;
            }
        }

        return Path.GetFullPath(Default);
    }
}
