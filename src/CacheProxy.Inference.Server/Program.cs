using System.Runtime.InteropServices;
using CacheProxy.Inference.Server;

if (CommandLine.WantsHelp(args))
{
    Console.WriteLine(CommandLine.Help);
    return 0;
}

if (!CommandLine.TryParse(args, Environment.GetEnvironmentVariable(CommandLine.UrlVariable), out InferenceServerOptions? options, out string? error))
{
    Console.Error.WriteLine($"{error}\n\n{CommandLine.Help}");
    return 2;
}

using var stop = new CancellationTokenSource();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
using ILoggerFactory loggers = LoggerFactory.Create(logging => logging
    .AddSimpleConsole(console => console.SingleLine = true)
    .AddFilter("Microsoft", LogLevel.Warning)
    // What it would say of a failed start is said below, in one line.
    .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None)
    // While that is on, each request gets a span that nobody sees.
    .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None));
try
{
    using IDisposable? export = OtlpExport.Start(Environment.GetEnvironmentVariable);
    await using InferenceHost host = await InferenceHost.StartAsync(options, loggers, cancellation: stop.Token);
    await host.Ready.WaitAsync(stop.Token);
    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop.Token);
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    // Leaving the block above has drained the server.
}
catch (Exception failure)
{
    Console.Error.WriteLine($"The backend cannot run: {failure.Message}");
    return 1;
}

return 0;

void OnSignal(PosixSignalContext context)
{
    // The default would end the process before answers under way are finished.
    context.Cancel = true;
    stop.Cancel();
}
