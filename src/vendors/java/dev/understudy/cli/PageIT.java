package dev.understudy.cli;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import dev.understudy.NpmPackages;
import dev.understudy.broker.Await;
import dev.understudy.process.JvmCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The demo's page in a real Chromium: from the embedded pipeline to the pixels. The tests look at one demo, in a process
 * of its own, while it runs; the last one ends it. Screenshots are left in {@code target/page}.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class PageIT {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path SHOTS = Path.of("target/page");
    private static final Path AXE = Path.of("target/axe");
    private static final Pattern SERVED = Pattern.compile("The page, while the demo runs: (http://\\S+)");
    private static final double BOUND = 60_000;

    @TempDir
    static Path folder;

    private static Process demo;
    private static String url = "";
    private static Playwright playwright;
    private static Browser browser;

    private final List<String> complaints = new ArrayList<>();
    private final List<String> hosts = new ArrayList<>();
    private Page page;

    @BeforeAll
    static void startDemoAndBrowser() throws IOException {
        assumeTrue(Files.isExecutable(CHROMIUM), CHROMIUM + " is not there: the page was not looked at in a browser");
        Path log = Files.createDirectories(SHOTS).resolve("demo.log");
        demo = new ProcessBuilder(JvmCommand.of(Main.class, 512)
                        .withArguments(
                                "demo",
                                "--duration",
                                "15m", // longer than the tests take on any machine: they end it
                                "--rate",
                                "300",
                                "--directory",
                                folder.resolve("demo").toString(),
                                "--models",
                                Path.of("models").toAbsolutePath().toString())
                        .words())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(CHROMIUM)
                        .setArgs(List.of("--no-sandbox"))); // tests may run as root
        Await.until("the demo serves its page", Duration.ofMinutes(2), () -> {
            assertThat(demo.isAlive()).as("the demo runs, see " + log).isTrue();
            Matcher said = SERVED.matcher(readString(log));
            url = said.find() ? said.group(1) : "";
            return !url.isEmpty();
        });
    }

    private static String readString(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterAll
    static void endBrowserAndDemo() {
        if (playwright != null) {
            playwright.close();
        }
        if (demo != null) {
            endDemo();
        }
    }

    /** With its broker and its shadow process, which end by themselves and write into the folder until then. */
    private static void endDemo() {
        List<ProcessHandle> parts = demo.descendants().toList();
        demo.destroy();
        demo.onExit().orTimeout(60, TimeUnit.SECONDS).join();
        parts.forEach(part -> part.onExit().orTimeout(60, TimeUnit.SECONDS).join());
    }

    @BeforeEach
    void open() {
        page = browser.newPage(
                new Browser.NewPageOptions().setViewportSize(1280, 900).setReducedMotion(ReducedMotion.REDUCE));
        page.onConsoleMessage(message -> {
            if (List.of("error", "warning").contains(message.type())) {
                complaints.add(message.text());
            }
        });
        page.onPageError(complaints::add);
        page.onRequest(request -> hosts.add(URI.create(request.url()).getAuthority()));
        page.navigate(url);
        assertThat(candidates()).hasCount(3, new LocatorAssertions.HasCountOptions().setTimeout(BOUND));
    }

    private Locator candidates() {
        return page.locator("#candidates tbody tr");
    }

    private void shoot(String name) {
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(SHOTS.resolve(name + ".png"))
                .setFullPage(true));
    }

    private long compared() {
        return Long.parseLong(page.locator("#ledger tr", new Page.LocatorOptions().setHasText("compared"))
                .locator("td")
                .textContent()
                .replace(",", ""));
    }

    @Test
    @Order(1)
    void decisions_reach_the_page_and_go_on_without_a_reload() {
        assertThat(page.locator("#connection")).hasText("Live");
        assertThat(page.locator("#candidates")).containsText("fraud v2 against v1");
        assertThat(page.locator("#candidates .verdict").first())
                .hasText(Pattern.compile("HOLD|READY|NOT READY|REJECT"));
        long before = compared();
        Await.until("more is compared", Duration.ofSeconds(30), () -> compared() > before);
    }

    @Test
    @Order(2)
    void gates_are_drawn_as_intervals_against_their_margins() {
        Locator drawn = page.locator("#gates svg .interval");
        // A line is as high as nothing, and so never "visible".
        assertThat(drawn.first()).isAttached(new LocatorAssertions.IsAttachedOptions().setTimeout(BOUND));
        assertThat(page.locator("#gates tbody tr").count()).isGreaterThan(3);
        Locator judged = page.locator("#gates svg:has(.interval)").first();
        assertThat(judged).isVisible();
        assertThat(judged.getAttribute("aria-label")).contains("margin");
        double from = Double.parseDouble(drawn.first().getAttribute("x1"));
        double to = Double.parseDouble(drawn.first().getAttribute("x2"));
        assertThat(from).isLessThan(to);
    }

    @Test
    @Order(3)
    void windows_are_drawn_and_told_as_a_table() {
        page.locator("#windows-details summary").click();
        assertThat(page.locator("#windows tbody tr").nth(2))
                .isVisible(new LocatorAssertions.IsVisibleOptions().setTimeout(BOUND));
        assertThat(page.locator("#charts figure")).hasCount(5);
        Await.until("lines are on the canvas", Duration.ofSeconds(30), () -> (Boolean) page.evaluate("""
                        () => [...document.querySelectorAll('#charts figure:nth-of-type(2) canvas')].some((canvas) => {
                          const wanted = getComputedStyle(document.documentElement).getPropertyValue('--production').trim();
                          const [r, g, b] = [1, 3, 5].map((i) => parseInt(wanted.slice(i, i + 2), 16));
                          const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
                          for (let i = 0; i < pixels.length; i += 4) {
                            if (pixels[i] === r && pixels[i + 1] === g && pixels[i + 2] === b) { return true; }
                          }
                          return false;
                        })"""));
    }

    @Test
    @Order(4)
    void a_candidate_is_chosen_by_keyboard() {
        Locator second = page.locator("#candidates a").nth(1);
        String name = second.textContent();
        second.focus();
        page.keyboard().press("Enter");
        assertThat(page.locator("#detail-heading")).hasText(name);
        assertThat(page.locator("#candidates a[aria-current=true]")).hasText(name);
        assertThat(page.locator("#candidates a[aria-current=true]")).isFocused();
        long before = compared();
        Await.until("the page goes on", Duration.ofSeconds(30), () -> compared() > before);
        assertThat(page.locator("#candidates a[aria-current=true]")).isFocused();
    }

    @Test
    @Order(5)
    void it_is_readable_on_a_phone_and_in_the_dark() {
        shoot("light");
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
        assertThat(page.locator("body")).hasCSS("background-color", "rgb(20, 23, 26)");
        shoot("dark");
        page.setViewportSize(390, 844);
        shoot("phone");
        assertThat((List<?>) page.evaluate("""
                        () => [...document.querySelectorAll('body *')]
                          .filter((node) => node.getBoundingClientRect().right > innerWidth && !node.closest('.scroll, .skip'))
                          .map((node) => node.tagName + '.' + node.className + '#' + node.id)"""))
                .as("what is wider than the phone")
                .isEmpty();
    }

    @Test
    @Order(6)
    void axe_finds_nothing_that_keeps_somebody_from_reading_it() throws Exception {
        NpmPackages.install(Path.of("src/test/axe"), AXE);
        String axe = Files.readString(AXE.resolve("node_modules/axe-core/axe.min.js"));
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
            page.evaluate(axe);
            assertThat((List<?>) page.evaluate("""
                            async () => (await axe.run()).violations.map((violation) =>
                              violation.id + ': ' + violation.nodes.map((node) => node.html.slice(0, 120)).join(' | '))""")).as(scheme.name()).isEmpty();
        }
    }

    @Test
    @Order(7)
    void nothing_comes_from_elsewhere_and_nothing_is_complained_of() {
        assertThat(page.locator("#charts canvas").first()).isVisible();
        assertThat(hosts).isNotEmpty().allMatch(URI.create(url).getAuthority()::equals);
        assertThat(complaints).isEmpty();
    }

    @Test
    @Order(8)
    void the_page_says_when_it_is_cut_off() {
        endDemo();
        assertThat(page.locator("#connection"))
                .containsText("Not connected", new LocatorAssertions.ContainsTextOptions().setTimeout(BOUND));
    }
}
