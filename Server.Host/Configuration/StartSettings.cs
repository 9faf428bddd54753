using Microsoft.Extensions.Configuration;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Server.Host.Configuration;

/// <summary>The host's own sections, bound.</summary>
internal sealed record StartSettings(XmppServerSettings Server, LoggingOptions Logging)
{
    /// <summary>The top-level sections that are the host's own.</summary>
    public static IReadOnlyList<string> Sections { get; } = ["Server", "Listeners", "Auth", "Guests", "Logging", "Plugins"];

    /// <summary>Binds and checks them.</summary>
    public static StartSettings Bind(IConfiguration configuration, Faults faults)
    {
        var (server, listeners, auth, guests, logging) = (new ServerOptions(), new ListenersOptions(), new AuthOptions(), new GuestsOptions(), new LoggingOptions());
        OptionsBinder.Bind(configuration.GetSection("Server"), server, faults);
        OptionsBinder.Bind(configuration.GetSection("Listeners"), listeners, faults);
        OptionsBinder.Bind(configuration.GetSection("Auth"), auth, faults);
        OptionsBinder.Bind(configuration.GetSection("Guests"), guests, faults);
        OptionsBinder.Bind(configuration.GetSection("Logging"), logging, faults);
        var settings = new XmppServerSettings(server, listeners, auth, guests);
        faults.AddRange(settings.Validate());
        return new StartSettings(settings, logging);
    }
}
