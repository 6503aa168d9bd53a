using CacheProxy.Entry;
using CacheProxy.Pipeline.Configuration;
using CacheProxy.Tuning.Settings;

namespace CacheProxy.Pipeline;

/// <summary>Makes the program: configuration, services, pipeline.</summary>
public static class CacheProxyApplication
{
    // The framework would log two lines for every request; a section Logging in the configuration changes it.
    private static readonly Dictionary<string, string?> LogLevels = new()
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft"] = "Warning",
        // What it says of a failed start with a stack, the program says in one line.
        ["Logging:LogLevel:Microsoft.Extensions.Hosting"] = "None",
        // Its scope and activity for every request serve the lines that are off already; an operator's listener brings the activity back.
        ["Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics"] = "None",
        ["Logging:LogLevel:Yarp"] = "Error",
    };

    /// <param name="args"><c>--config PATH</c> names the configuration file; without it, <c>config/cacheproxy.json</c> is looked for here and above the program.</param>
    /// <param name="configure">Last changes to the services, for tests.</param>
    /// <exception cref="ConfigurationException">With every fault of the configuration.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "CacheProxy" });
        (IConfigurationRoot settings, LastGoodJsonSource? file) = SettingsSource.Read(ConfigurationFile.Find(args));
        // The host takes every variable of the environment for a setting: a shell's PREFIX would be a section.
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(LogLevels);
        builder.Configuration.AddConfiguration(settings, shouldDisposeConfiguration: true);
        builder.Services.AddCacheProxy(settings);
        builder.Services.AddSingleton(new SettingsPlace(file?.Path, SettingsSource.IsInEnvironment, SettingsFaults.Of));
        configure?.Invoke(builder);
        builder.Services.CheckSections(settings);
        ServerOptions server = settings.GetSection(ServerOptions.Section).Get<ServerOptions>() ?? new ServerOptions();
        builder.WebHost.UseUrls(server.Url);
        ServerSettings.Apply(builder.WebHost, server);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(server.DrainSeconds));
        WebApplication app = builder.Build();
        if (file is not null)
        {
            file.OnRejected = reason => StartLog.FileRejected(app.Logger, file.Path, reason);
        }

        app.UseCacheProxy();
        app.Lifetime.ApplicationStarted.Register(() => StartLog.Listening(app.Logger, string.Join(", ", app.Urls)));
        return app;
    }
}
