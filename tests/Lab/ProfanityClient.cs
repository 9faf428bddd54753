using System.Text.RegularExpressions;

namespace Parley.tests.Lab;

/// <summary>Debian's profanity with one account, in a home of its own: nothing is left of one when the next begins.</summary>
public sealed class ProfanityClient : IDisposable
{
    private readonly PrivateHome _home;
    private readonly Terminal _terminal;

    private ProfanityClient(PrivateHome home, Terminal terminal) => (_home, _terminal) = (home, terminal);

    /// <summary>What it logs: everything, the XML that it sends and receives too.</summary>
    public string Log => File.Exists(_home.At("log")) ? File.ReadAllText(_home.At("log")) : "";

    /// <summary>What it shows.</summary>
    public string Screen => _terminal.Screen;

    /// <summary>Starts it and waits until it is logged in.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="user">Whose account.</param>
    /// <param name="domain">Where the account is.</param>
    /// <param name="password">Its password.</param>
    /// <param name="resource">The name of the device.</param>
    /// <param name="meanwhile">What has to be done before it can log in.</param>
    public static async Task<ProfanityClient> StartAsync(NetworkNamespace ns, string user, string domain, string password, string resource, Func<ProfanityClient, Task>? meanwhile = null)
    {
        var home = new PrivateHome();
        Terminal? terminal = null;
        try
        {
            home.Write(".config/profanity/profrc", "[ui]\nsplash=false\nroster=false\noccupants=false\nwrap=false\nstatuses.muc=all\n[connection]\nmam=true\n");
            // "force": no word before TLS, and none to a server whose certificate does not prove its name, unless the person says so.
            home.Write(".local/share/profanity/accounts", $"""
                [{user}]
                enabled=true
                jid={user}@{domain}
                password={password}
                resource={resource}
                muc.nick={user}
                presence.login=online
                tls.policy=force

                """);
            terminal = await Terminal.StartAsync(ns, home, $"profanity -a {user} -l DEBUG -f {home.At("log")}");
            var client = new ProfanityClient(home, terminal);
            if (meanwhile is not null) await meanwhile(client);
            await client.ShowsAsync($"{user}@{domain}/{resource} logged in successfully");
            // Once it knows what the server offers it says so, for want of keys, in this way.
            await client.ShowsAsync("OMEMO: cannot publish crypto materials before they are generated");
            return client;
        }
        catch
        {
            terminal?.Dispose();
            home.Dispose();
            throw;
        }
    }

    /// <summary>Types a line, a command or a message.</summary>
    public void Type(string line) => _terminal.Type(line);

    /// <summary>Waits until the screen shows something.</summary>
    public Task<Match> ShowsAsync(string pattern) => _terminal.ShowsAsync(pattern);

    /// <summary>A file of its home.</summary>
    public string At(string path) => _home.At(path);

    public void Dispose()
    {
        _terminal.Dispose();
        _home.Dispose();
    }
}
