using Parley.tests.Lab;

namespace Parley.tests.Host.Running;

/// <summary>A test with the real program in a network of its own, where all its usual ports are free.</summary>
public abstract class RunningTest : IDisposable
{
    private ServerProcess? _server;

    protected NetworkNamespace Namespace { get; } = NetworkNamespace.Create();

    protected ServerProcess Server => _server ?? throw new InvalidOperationException("Start it first.");

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    protected async Task StartAsync(params string[] settings) => _server = await ServerProcess.StartAsync(Namespace, settings: settings);

    /// <summary>Starts one that does not answer at <c>localhost</c> over plain HTTP.</summary>
    protected async Task StartAtAsync(string health, params string[] settings) => _server = await ServerProcess.StartAsync(Namespace, health, settings);

    protected async Task<(int Status, string Body, System.Net.Http.Headers.HttpResponseHeaders Headers)> GetAsync(string url, params (string Name, string Value)[] headers)
    {
        using var http = Namespace.Http();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(url));
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await http.SendAsync(request, Cancelled);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancelled), answer.Headers);
    }

    public void Dispose()
    {
        if (_server is not null && TestContext.Current.TestState?.Result == TestResult.Failed) TestContext.Current.TestOutputHelper?.WriteLine("--- server\n" + _server.Command.Text);
        _server?.Dispose();
        Namespace.Dispose();
        GC.SuppressFinalize(this);
    }
}
