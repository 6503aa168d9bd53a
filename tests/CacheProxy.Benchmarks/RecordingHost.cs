using System.Diagnostics.Metrics;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Writing;
using CacheProxy.Pipeline;
using CacheProxy.Protocol.Prometheus;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace CacheProxy.Benchmarks;

/// <summary>
/// The product's own pipeline, as it is or with nothing that records: no row is made, no observer sees one, nobody listens to an instrument. Both in this program, so that
/// they differ in nothing else.
/// </summary>
internal static class RecordingHost
{
    public const string Verb = "recording-host";
    public const string With = "on";
    public const string Without = "off";

    public static async Task ServeAsync(string recording, CancellationToken cancellationToken)
    {
        await using WebApplication app = CacheProxyApplication.Build([], builder =>
        {
            if (recording == Without)
            {
                TakeOut(builder.Services);
            }
        });
        await app.StartAsync(cancellationToken);
        await app.WaitForShutdownAsync(cancellationToken);
    }

    private static void TakeOut(IServiceCollection services)
    {
        services.RemoveAll<ILedgerObserver>();
        services.Replace(ServiceDescriptor.Singleton<ILedger, NoLedger>());
        // The writer stays for those that ask for it by name; without a start it opens no file.
        ServiceDescriptor writer = services.Single(service => service.ServiceType == typeof(IHostedService) && service.ImplementationFactory?.Method.ReturnType == typeof(LedgerWriter));
        services.Remove(writer);
        services.Replace(ServiceDescriptor.Singleton(provider => new PrometheusExporter(provider.GetRequiredService<IMeterFactory>(), [])));
    }

    private sealed class NoLedger : ILedger
    {
        public bool IsWanted => false;

        public int Queued => 0;

        public long Written => 0;

        public double LagSeconds => 0;

        public long Merged => 0;

        public long Lost => 0;

        public long ObserverFaults => 0;

        public void Drain()
        {
        }

        public void Add(RepeatedRow row, DateTimeOffset time, double firstByteSeconds, double totalSeconds) => throw new InvalidOperationException("A row was made that nobody wants.");

        public void Add(in LedgerRow row) => throw new InvalidOperationException("A row was made that nobody wants.");
    }
}
