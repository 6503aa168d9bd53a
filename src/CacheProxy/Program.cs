using CacheProxy.Pipeline;
using CacheProxy.Pipeline.Configuration;

try
{
    await using WebApplication app = CacheProxyApplication.Build(args);
    var backend = app.Services.GetRequiredService<EmbeddedBackend>();
    await app.RunAsync();
    return backend.Failure is null ? 0 : 1;
}
catch (Exception fault) when (fault is ConfigurationException or IOException or InvalidDataException)
{
    // What an operator can mend is told in words; anything else is a bug and keeps its stack.
    await Console.Error.WriteLineAsync(fault.Message);
    return 1;
}
