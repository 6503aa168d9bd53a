using System.Text;

namespace CacheProxy.Pipeline.Configuration;

/// <summary>Where settings come from: the file, then the environment, which wins.</summary>
public sealed record SettingsSource(IConfigurationRoot Root, LastGoodJsonSource? File)
{
    private const string EnvironmentPrefix = "CACHEPROXY__";

    /// <param name="path">The settings file, followed when it changes; null: there is none.</param>
    /// <exception cref="ConfigurationException">The file is not JSON.</exception>
    public static SettingsSource Read(string? path)
    {
        var builder = new ConfigurationBuilder();
        LastGoodJsonSource? file = path is null ? null : new LastGoodJsonSource(path);
        if (file is not null)
        {
            builder.Add(file);
        }

        return new SettingsSource(Build(builder, path), file);
    }

    /// <summary>Whether the environment has a setting, as <c>Semantic:Threshold</c>, which wins over the file's.</summary>
    public static bool IsInEnvironment(string key)
        => new ConfigurationBuilder().AddEnvironmentVariables(EnvironmentPrefix).Build()[key] is not null;

    /// <summary>A text in the place of the file, and the environment.</summary>
    /// <exception cref="ConfigurationException">It is not JSON.</exception>
    public static IConfigurationRoot Parse(string json)
        => Build(new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))), "the settings");

    private static IConfigurationRoot Build(IConfigurationBuilder builder, string? name)
    {
        try
        {
            return builder.AddEnvironmentVariables(EnvironmentPrefix).Build();
        }
        catch (FormatException exception)
        {
            throw new ConfigurationException([$"{name}: {exception.InnerException?.Message ?? exception.Message}"]);
        }
    }
}
