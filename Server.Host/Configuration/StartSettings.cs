using Microsoft.Extensions.Configuration;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Server.Host.Configuration;

/// <summary>The host's own sections, bound.</summary>
internal sealed record StartSettings(XmppServerSettings Server, LoggingOptions Logging)
{
    /// <summary>The top-level sections that are the host's own.</summary>
    public static IReadOnlyList<string> Sections { get; } = ["Server", "Storage", "Listeners", "Auth", "Guests", "Sessions", "ClientState", "Limits", "Components", "Federation", "Logging", "Plugins"];

    /// <summary>Binds and checks them.</summary>
    public static StartSettings Bind(IConfiguration configuration, Faults faults)
    {
        var (server, listeners, auth, guests, logging) = (new ServerOptions(), new ListenersOptions(), new AuthOptions(), new GuestsOptions(), new LoggingOptions());
        var (sessions, clientState) = (new SessionsOptions(), new ClientStateOptions());
        var federation = new FederationOptions();
        OptionsBinder.Bind(configuration.GetSection("Server"), server, faults);
        var limits = new LimitsOptions();
        OptionsBinder.Bind(configuration.GetSection("Limits"), limits, faults);
        var storage = new StorageOptions();
        OptionsBinder.Bind(configuration.GetSection("Storage"), storage, faults);
        OptionsBinder.Bind(configuration.GetSection("Listeners"), listeners, faults);
        OptionsBinder.Bind(configuration.GetSection("Auth"), auth, faults);
        OptionsBinder.Bind(configuration.GetSection("Guests"), guests, faults);
        OptionsBinder.Bind(configuration.GetSection("Sessions"), sessions, faults);
        OptionsBinder.Bind(configuration.GetSection("ClientState"), clientState, faults);
        OptionsBinder.Bind(configuration.GetSection("Federation"), federation, faults);
        OptionsBinder.Bind(configuration.GetSection("Logging"), logging, faults);
        var settings = new XmppServerSettings(server, listeners, auth, guests)
        {
            Storage = storage,
            Sessions = sessions,
            ClientState = clientState,
            LimitsOptions = limits,
            Federation = federation,
            Components = OptionsBinder.BindList<ComponentOptions>(configuration.GetSection("Components"), faults),
        };
        faults.AddRange(settings.Validate());
        return new StartSettings(settings, logging);
    }
}
