# TernCompile.cmake - how every file of the project is compiled.

# tern_compile: warnings, sanitizers, coverage. Linked PRIVATE by everything, installed by nothing.
add_library(tern_compile INTERFACE)
target_compile_options(tern_compile INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wswitch-enum
    -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)
if(TERN_WERROR)
    target_compile_options(tern_compile INTERFACE -Werror)
endif()
if(TERN_SANITIZE)
    target_compile_options(tern_compile INTERFACE
        -fsanitize=${TERN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(tern_compile INTERFACE -fsanitize=${TERN_SANITIZE})
endif()
if(TERN_COVERAGE)
    target_compile_options(tern_compile INTERFACE --coverage)
    target_link_options(tern_compile INTERFACE --coverage)
endif()
if(TERN_LIBFUZZER)
    target_compile_options(tern_compile INTERFACE -fsanitize=fuzzer-no-link)
endif()
