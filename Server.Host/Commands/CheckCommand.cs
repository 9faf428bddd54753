using Parley.Doctor.Network;
using Parley.Server.Host.Configuration;
using Parley.Server.Host.Hosting;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Security;

namespace Parley.Server.Host.Commands;

/// <summary><c>check</c>: reads the configuration as <c>run</c> would, and starts nothing.</summary>
internal static class CheckCommand
{
    public static int Run(CommandLine line)
    {
        var setup = LoadedSetup.Load(line);
        var settings = setup.Settings.Server;
        if (CertificateStore.Check(settings) is { Count: > 0 } faults) throw new ConfigurationException(faults);
        var advertised = AdvertisedAddressResolver.Resolve(settings, StunQuestion.Ask);
        foreach (var warning in AdvertisedAddressResolver.Warn(settings, advertised)) Console.WriteLine("Warning: " + warning);
        Console.WriteLine($"The configuration is right ({setup.Configuration.File ?? "defaults only, no file"}): {string.Join(", ", settings.Domains)}, bound to {settings.BindAddress}, advertised as {advertised}.");
        return 0;
    }
}
