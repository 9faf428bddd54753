using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Parley.tests.Xmpp.Server.Protection;

/// <summary>Keeps the warnings.</summary>
internal sealed class WarningLog<T> : ILogger<T>
{
    public ConcurrentQueue<(int Id, string Text)> Warnings { get; } = new();

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel == LogLevel.Warning) Warnings.Enqueue((eventId.Id, formatter(state, exception)));
    }

    /// <summary>Gives it to everybody who writes.</summary>
    public ILoggerProvider Provider() => new ForAll(this);

    private sealed class ForAll(ILogger log) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => log;

        public void Dispose()
        {
        }
    }
}
