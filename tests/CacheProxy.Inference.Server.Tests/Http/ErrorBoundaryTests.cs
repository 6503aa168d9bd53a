using CacheProxy.Inference.Server.Http;
using CacheProxy.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Inference.Server.Tests.Http;

public sealed class ErrorBoundaryTests
{
    [Theory]
    [InlineData(429, LogLevel.Debug)]
    [InlineData(500, LogLevel.Error)]
    [InlineData(503, LogLevel.Debug)]
    [InlineData(504, LogLevel.Debug)]
    public async Task Invoke_KnownError_IsAnErrorInTheLogOnlyWhereAPersonHasToLook(int status, LogLevel expected)
    {
        var log = new LevelLog();
        var context = new DefaultHttpContext();

        await new ErrorBoundary(1, log).InvokeAsync(context, _ => throw new RequestErrorException(new RequestError("So it is.", null, "code", status)));

        Assert.Equal(status, context.Response.StatusCode);
        Assert.Equal([expected], log.Levels);
    }

    [Fact]
    public async Task Invoke_Bug_IsAnErrorInTheLogAndSaysNothingOfItselfToTheClient()
    {
        var log = new LevelLog();
        var context = new DefaultHttpContext();
        using var body = new MemoryStream();
        context.Response.Body = body;

        await new ErrorBoundary(1, log).InvokeAsync(context, _ => throw new InvalidOperationException("secret"));

        Assert.Equal([LogLevel.Error], log.Levels);
        Assert.Equal(500, context.Response.StatusCode);
        Assert.DoesNotContain("secret", System.Text.Encoding.UTF8.GetString(body.ToArray()), StringComparison.Ordinal);
    }

    private sealed class LevelLog : ILogger<ErrorBoundary>
    {
        public List<LogLevel> Levels { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Levels.Add(logLevel);
    }
}
