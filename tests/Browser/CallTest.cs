[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Parley.tests.Browser;

/// <summary>A test in a room. Browsers are heavy: one test at a time.</summary>
public abstract class CallTest : IAsyncDisposable
{
    /// <summary>The figures of the specification take long; without <c>--long</c> a part of them is watched.</summary>
    internal static bool IsLong { get; } = Environment.GetEnvironmentVariable("PARLEY_LONG") == "1";

    /// <summary>How long pictures and sound are watched.</summary>
    internal static TimeSpan Watch { get; } = TimeSpan.FromSeconds(IsLong ? 30 : 8);

    /// <summary>How long a join may take, browsers and all, on a machine with two busy cores.</summary>
    internal static TimeSpan Join { get; } = TimeSpan.FromSeconds(20);

    private CallRoom? _room;

    /// <summary>Starts the server that this test's room is on.</summary>
    protected async Task<CallRoom> StartAsync(params string[] settings) => _room = await CallRoom.StartAsync(settings);

    /// <summary>The limits of the specification are counted in seconds.</summary>
    protected static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    public virtual async ValueTask DisposeAsync()
    {
        if (_room is not null)
        {
            if (TestContext.Current.TestState?.Result == TestResult.Failed) TestContext.Current.TestOutputHelper?.WriteLine(_room.Account());
            await _room.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }
}
