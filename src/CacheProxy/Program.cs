using CacheProxy.Cli;
using CacheProxy.Pipeline;

if (CliProgram.Handles(args))
{
    return await CliProgram.RunAsync(args, Workbench.Open, Console.Out, Console.Error, CancellationToken.None);
}

try
{
    await using WebApplication app = CacheProxyApplication.Build(args);
    var backend = app.Services.GetRequiredService<EmbeddedBackend>();
    await app.RunAsync();
    return backend.Failure is null ? 0 : 1;
}
catch (Exception fault) when (StartFaults.IsOperators(fault))
{
    await Console.Error.WriteLineAsync(fault.Message);
    return 1;
}
