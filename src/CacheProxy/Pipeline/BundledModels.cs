namespace CacheProxy.Pipeline;

/// <summary>Where the models lie that come with the program.</summary>
public static class BundledModels
{
    private static readonly string Folder = Path.Combine("config", "models");

    /// <summary><c>config/models</c> in the current folder, else in the nearest one above the program; the former too when there is none, for the error to name.</summary>
    public static string FindFolder()
    {
        string here = Path.GetFullPath(Folder);
        for (DirectoryInfo? above = new(AppContext.BaseDirectory); above is not null && !Directory.Exists(here); above = above.Parent)
        {
            string path = Path.Combine(above.FullName, Folder);
            if (Directory.Exists(path))
            {
                return path;
            }
        }

        return here;
    }
}
