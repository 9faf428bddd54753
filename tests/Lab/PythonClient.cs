using System.Text.Json;

namespace Parley.tests.Lab;

/// <summary>The third-party clients of tests/Wire/clients: Debian's slixmpp and aiortc, which only Debian's own Python has.</summary>
public static class PythonClient
{
    private const string Python = "/usr/bin/python3";

    /// <summary>Runs a client to its end and reads the JSON that it prints.</summary>
    public static JsonElement Run(NetworkNamespace ns, string client, params string[] args)
    {
        var result = ns.Run(TimeSpan.FromSeconds(60), Python, [Script(client), .. args]);
        Assert.True(result.ExitCode == 0, result.All);
        return JsonDocument.Parse(result.Output).RootElement;
    }

    /// <summary>Starts a client that goes on until it is told to leave.</summary>
    public static RunningCommand Start(NetworkNamespace ns, string client, params string[] args) => ns.Start(Python, [Script(client), .. args]);

    private static string Script(string client) => Path.Combine(AppContext.BaseDirectory, "clients", client + ".py");
}
