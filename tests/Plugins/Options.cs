using Microsoft.Extensions.Options;
using NSubstitute;

namespace Parley.tests.Plugins;

/// <summary>Options as a plugin reads them.</summary>
internal static class Options
{
    public static IOptionsMonitor<T> Of<T>(T value)
    {
        var monitor = Substitute.For<IOptionsMonitor<T>>();
        monitor.CurrentValue.Returns(value);
        return monitor;
    }
}
