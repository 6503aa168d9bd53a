using System.Collections.Concurrent;
using CacheProxy.Exchange;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace CacheProxy.Tests.Functional;

/// <summary>Keeps the exchange of every request that went through the proxy, in the order in which they were answered.</summary>
internal sealed class ExchangeSpy : IStartupFilter
{
    private readonly ConcurrentQueue<ExchangeFeature> _seen = new();

    public int Count => _seen.Count;

    public ExchangeFeature Last => _seen.Last();

    public void AddTo(IServiceCollection services) => services.AddSingleton<IStartupFilter>(this);

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(async (context, go) =>
        {
            try
            {
                await go(context);
            }
            finally
            {
                if (context.Features.Get<ExchangeFeature>() is { } exchange)
                {
                    _seen.Enqueue(exchange);
                }
            }
        });
        next(app);
    };
}
