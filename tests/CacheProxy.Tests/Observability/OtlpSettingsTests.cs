using CacheProxy.Observability.Export;

namespace CacheProxy.Tests.Observability;

public class OtlpSettingsTests
{
    [Fact]
    public void Nothing_IsOff() => Assert.Null(Read(new ObservabilityOptions()));

    [Fact]
    public void Section_WinsOverTheEnvironment()
    {
        OtlpSettings? settings = Read(
            new ObservabilityOptions { OtlpEndpoint = "http://here:4318/", OtlpProtocol = "http/protobuf", ServiceName = "mine" },
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://there:1"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), ("OTEL_SERVICE_NAME", "theirs"), ("OTEL_SDK_DISABLED", "true"));
        Assert.Equal(("http://here:4318/v1/traces", "http://here:4318/v1/metrics", false, "mine"), (settings?.TracesUrl?.ToString(), settings?.MetricsUrl?.ToString(), settings?.IsGrpc, settings?.ServiceName));
    }

    [Fact]
    public void Environment_Alone_IsEnough()
    {
        OtlpSettings? settings = Read(new ObservabilityOptions(), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://there:4317"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"));
        Assert.Equal(("http://there:4317/", true, "cacheproxy", null), (settings?.TracesUrl?.ToString(), settings?.IsGrpc, settings?.ServiceName, settings?.SamplingRatio));
    }

    [Fact]
    public void Environment_OfOneSignal_IsThatSignalAlone()
    {
        OtlpSettings? settings = Read(new ObservabilityOptions(), ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://there:4318/own/path"));
        Assert.Equal(("http://there:4318/own/path", null), (settings?.TracesUrl?.ToString(), settings?.MetricsUrl));
    }

    [Theory]
    [InlineData("OTEL_SDK_DISABLED", "true")]
    [InlineData("OTEL_TRACES_EXPORTER", "none")]
    public void Environment_ThatSwitchesOff_IsHeard(string name, string value)
        => Assert.Null(Read(new ObservabilityOptions { Metrics = false }, ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://there:4318"), (name, value)));

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "there")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")]
    public void Environment_ThatCannotBeUsed_IsNamed(string name, string value)
        => Assert.Contains(name, Assert.Throws<InvalidDataException>(() => Read(new ObservabilityOptions(), (name, value))).Message, StringComparison.Ordinal);

    private static OtlpSettings? Read(ObservabilityOptions options, params (string Name, string Value)[] environment)
        => OtlpSettings.Read(options, name => environment.FirstOrDefault(variable => variable.Name == name).Value);
}
