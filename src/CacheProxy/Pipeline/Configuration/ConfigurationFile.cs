namespace CacheProxy.Pipeline.Configuration;

/// <summary>Finds the configuration file.</summary>
public static class ConfigurationFile
{
    private const string Option = "--config";
    private static readonly string Default = Path.Combine("config", "cacheproxy.json");

    /// <summary>The file named in the arguments, else <c>config/cacheproxy.json</c> in the current folder or in one above the program; null: none.</summary>
    /// <exception cref="ConfigurationException">The named file is not there, or an argument is not known.</exception>
    public static string? Find(string[] args)
    {
        switch (args)
        {
            case []:
                return FindDefault();
            case [Option, var path] when File.Exists(path):
                return path;
            case [Option, var path]:
                throw new ConfigurationException([$"There is no file {path}."]);
            default:
                throw new ConfigurationException([$"Unknown arguments: {string.Join(' ', args)}. There is one option: {Option} PATH. --help lists the verbs."]);
        }
    }

    private static string? FindDefault()
    {
        if (File.Exists(Default))
        {
            return Path.GetFullPath(Default);
        }

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, Default);
            if (File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }
}
