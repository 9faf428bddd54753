using Parley.tests.Lab;

// Each test has a network of its own and waits more than it works.
[assembly: CollectionBehavior(MaxParallelThreads = 3)]

namespace Parley.tests.Wire;

/// <summary>A test with the real server in a network of its own and clients that others wrote.</summary>
public abstract class WireTest : IDisposable
{
    private ServerProcess? _server;

    /// <summary>The network.</summary>
    protected NetworkNamespace Namespace { get; } = NetworkNamespace.Create();

    /// <summary>The server.</summary>
    protected ServerProcess Server => _server ?? throw new InvalidOperationException("Start it first.");

    /// <summary>Starts the server on loopback.</summary>
    protected Task StartAsync(params string[] settings) => StartAtAsync("http://localhost:5280", settings);

    /// <summary>Starts the server where it answers at an address.</summary>
    protected async Task StartAtAsync(string health, params string[] settings) => _server = await ServerProcess.StartAsync(Namespace, health, settings);

    public virtual void Dispose()
    {
        if (_server is not null && TestContext.Current.TestState?.Result == TestResult.Failed) TestContext.Current.TestOutputHelper?.WriteLine("--- server\n" + _server.Command.Text);
        _server?.Dispose();
        Namespace.Dispose();
        GC.SuppressFinalize(this);
    }
}
