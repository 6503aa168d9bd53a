namespace CacheProxy.Inference.Server.Models;

/// <summary>Finds the bundled models from wherever the program was started.</summary>
internal static class ModelsFolder
{
    private static readonly string Relative = Path.Combine("config", "models");

    /// <summary>The nearest <c>config/models</c> at or above the working folder, else at or above the program's own.</summary>
    /// <returns>Where none exists: the path relative to the working folder, for the error to name.</returns>
    public static string Find() => FindAbove(Environment.CurrentDirectory) ?? FindAbove(AppContext.BaseDirectory) ?? Path.GetFullPath(Relative);

    private static string? FindAbove(string start)
    {
        for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, Relative);
            if (File.Exists(Path.Combine(candidate, "models.json")))
            {
                return candidate;
            }
        }

        return null;
    }
}
