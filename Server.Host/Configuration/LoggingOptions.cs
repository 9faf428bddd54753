using Microsoft.Extensions.Logging;

namespace Parley.Server.Host.Configuration;

/// <summary>The section <c>Logging</c>.</summary>
internal sealed class LoggingOptions
{
    /// <summary>The least severe entries that are written. Debug and Trace may show addresses of people.</summary>
    public LogLevel Level { get; set; } = LogLevel.Information;
}
