namespace CacheProxy.Exchange;

public static class ExchangeFeatureExtensions
{
    /// <summary>The request's state; throws where <c>Entry</c> has not run.</summary>
    public static ExchangeFeature GetExchange(this HttpContext context)
        => context.Features.Get<ExchangeFeature>() ?? throw new InvalidOperationException("The request did not pass Entry.");
}
