using CacheProxy.Pipeline.Configuration;

namespace CacheProxy.Pipeline;

/// <summary>Tries settings without starting anything.</summary>
internal static class SettingsFaults
{
    /// <summary>What is wrong with a text in the place of the settings file; empty: nothing.</summary>
    public static IReadOnlyCollection<string> Of(string settings)
    {
        try
        {
            IConfigurationRoot root = SettingsSource.Parse(settings);
            new ServiceCollection().AddCacheProxy(root).CheckSections(root);
            return [];
        }
        catch (ConfigurationException exception)
        {
            return exception.Faults;
        }
    }
}
