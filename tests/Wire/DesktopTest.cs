using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>A test with whole clients, as people have them on their desks, at a server as the world has them.</summary>
public abstract class DesktopTest : IDisposable
{
    private readonly List<(string Name, Func<string> Tell, IDisposable Client)> _clients = [];

    /// <summary>The server and its domain.</summary>
    protected ChatDomain Chat { get; } = new();

    /// <summary>Ends a client with the test; what it tells is printed where the test fails.</summary>
    protected T With<T>(string name, T client, Func<string> tell)
        where T : IDisposable
    {
        _clients.Add((name, tell, client));
        return client;
    }

    public void Dispose()
    {
        var isFailed = TestContext.Current.TestState?.Result == TestResult.Failed;
        foreach (var (name, tell, client) in Enumerable.Reverse(_clients))
        {
            if (isFailed) TestContext.Current.TestOutputHelper?.WriteLine($"--- {name}\n{tell()}");
            client.Dispose();
        }

        if (isFailed) TestContext.Current.TestOutputHelper?.WriteLine("--- server\n" + Chat.Server.Command.Text);
        Chat.Dispose();
        GC.SuppressFinalize(this);
    }
}
