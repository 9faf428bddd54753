using Parley.Server.Host.Hosting;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Server.Host.Commands;

/// <summary><c>check</c>: reads the configuration as <c>run</c> would, and starts nothing.</summary>
internal static class CheckCommand
{
    public static int Run(CommandLine line)
    {
        var setup = LoadedSetup.Load(line);
        var settings = setup.Settings.Server;
        var advertised = AdvertisedAddressResolver.Resolve(settings);
        foreach (var warning in AdvertisedAddressResolver.Warn(settings, advertised)) Console.WriteLine("Warning: " + warning);
        Console.WriteLine($"The configuration is right ({setup.Configuration.File ?? "defaults only, no file"}): {string.Join(", ", settings.Domains)}, bound to {settings.BindAddress}, advertised as {advertised}.");
        return 0;
    }
}
