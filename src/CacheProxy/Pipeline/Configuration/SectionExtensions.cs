using Microsoft.Extensions.Options;

namespace CacheProxy.Pipeline.Configuration;

public static class SectionExtensions
{
    // Logging is the framework's own section; it may stand in the same file.
    private const string Logging = "Logging";

    /// <summary>Binds a section to its options class: <see cref="IOptions{T}"/> and <see cref="IOptionsMonitor{T}"/> give the last good values.</summary>
    public static IServiceCollection AddSection<T>(this IServiceCollection services, string section, params IValidateOptions<T>[] validators)
        where T : class, new()
    {
        services.AddSingleton(new SectionRegistration(
            section, (configuration, faults) => SectionBinder.Bind(configuration, section, faults, validators)));
        services.AddSingleton(provider => new LastGoodOptions<T>(
            provider.GetRequiredService<IConfiguration>(), section, validators, provider.GetRequiredService<ILoggerFactory>().CreateLogger("CacheProxy.Configuration")));
        services.AddSingleton<IOptionsMonitor<T>>(provider => provider.GetRequiredService<LastGoodOptions<T>>());
        return services.AddSingleton<IOptions<T>>(provider => provider.GetRequiredService<LastGoodOptions<T>>());
    }

    /// <summary>Checks every section, and that there are no others.</summary>
    /// <param name="configuration">The product's own sources only, not the host's.</param>
    /// <exception cref="ConfigurationException">With all faults at once.</exception>
    public static void CheckSections(this IServiceCollection services, IConfiguration configuration)
    {
        SectionRegistration[] sections =
            [.. services.Select(service => service.ImplementationInstance).OfType<SectionRegistration>()];
        var faults = new List<string>();
        foreach (IConfigurationSection child in configuration.GetChildren())
        {
            if (child.Key != Logging && !sections.Any(section => section.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase)))
            {
                faults.Add($"{child.Key} is not a section. There are: {string.Join(", ", sections.Select(section => section.Name))}.");
            }
        }

        foreach (SectionRegistration section in sections)
        {
            section.Check(configuration, faults);
        }

        if (faults.Count > 0)
        {
            throw new ConfigurationException(faults);
        }
    }
}
